/**
 * Writes docs/reference.md from the types and their JSDoc, the functions, the default values and the error codes.
 * `node scripts/docs-reference.ts`
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OUTPUT = 'docs/reference.md'

const TYPES = 'src/runtime/core/model/types.ts'
const CONFIG = 'src/runtime/core/config/resolve.ts'
const ERRORS = 'src/runtime/core/model/errors.ts'
const HOST = 'src/runtime/adapters/shared/host.ts'
const ADMINISTRATION = 'src/runtime/core/session/administration.ts'
const OPTION_KEYS = 'src/runtime/core/config/option-keys.ts'
const MODULE = 'src/module.ts'
const PAGE_SESSION = 'src/runtime/shared/page-session.ts'
const CLIENT = 'src/runtime/app/composables/use-client-session.ts'
const UTILS = ['session', 'require-session', 'require-same-origin', 'administration'].map(name => `src/runtime/server/utils/${name}.ts`)

/** The JSDoc before a declaration. */
interface Doc {
  text: string
  tags: Record<string, string>
}

/** The page, made from the sources. */
export function renderReference(): string {
  const known = { DEFAULT_NAME: 'src/runtime/core/model/shape.ts', DEFAULT_ROUTE: 'src/runtime/core/config/client-route.ts' }
  const constants = Object.fromEntries(Object.entries(known).map(([name, file]) => [name, literalOf(constant(file, name), name)]))
  const defaults = literalOf(constant(CONFIG, 'CONFIG_DEFAULTS'), 'CONFIG_DEFAULTS', constants)
  const SESSION_KEYS = literalOf(constant(OPTION_KEYS, 'SESSION_KEYS'), 'SESSION_KEYS', { SEAL_PART: '' })
  const keys = literalOf(constant(OPTION_KEYS, 'RUNTIME_KEYS'), 'RUNTIME_KEYS', { SESSION_KEYS }) as Record<string, Literal>
  const { cookie: _cookie, ...values } = defaults as Record<string, Literal>
  const declared = { ...keys, ...values }
  const options = (file: string, name: string, path: string[] = []) => optionsTable(interfaceOf(file, name), at(defaults, path), at(declared, path), path)
  return [
    '# Reference',
    'Made from the source by `scripts/docs-reference.ts`; a test compares the two. How to use them: [in the server](./server.md), [in the app](./client.md), [the store](./stores.md).',
    '## Options',
    'They are in `session` of `nuxt.config`, or in `runtimeConfig.session`. The options of a call are the second argument of the functions below. A call\'s option wins over `named[name]`, which wins over `runtimeConfig.session`; `cookie` and `seal` are merged one level deep. If an option has a variable, the environment can set it when the built server starts; `\'\'` means unset. With an `envPrefix` of the app\'s own, that prefix replaces `NUXT_`; in a Nitro app without Nuxt it is `NITRO_`. For a session by name, add `NAMED_` and the name: `NUXT_SESSION_NAMED_CART_MAX_AGE`.',
    options(TYPES, 'SessionConfig'),
    '### Options of the app',
    'A call cannot set them.',
    options(TYPES, 'SessionRuntimeConfig'),
    '### Options of the Nuxt module',
    'Only under `session` in `nuxt.config`.',
    optionsTable(interfaceOf(MODULE, 'ModuleOptions'), {}, {}, []),
    '### cookie',
    options(TYPES, 'SessionCookieOptions', ['cookie']),
    '### record',
    optionsTable(interfaceOf(TYPES, 'SessionRecordOptions'), {}, {}, []),
    '## Functions',
    'Auto-imported in `server/`, and exported by `#session`. `SessionEvent` is h3\'s event, a WebSocket peer or the request of its upgrade.',
    ...UTILS.flatMap(file => functionsOf(file).map(renderFunction)),
    '### RequireSessionOptions',
    membersTable(interfaceOf(UTILS[1]!, 'RequireSessionOptions')),
    '### SessionFilter',
    membersTable(interfaceOf(ADMINISTRATION, 'SessionFilter')),
    '### AdministrationOptions',
    membersTable(interfaceOf(UTILS[3]!, 'AdministrationOptions')),
    '### SessionPage',
    membersTable(interfaceOf(ADMINISTRATION, 'SessionPage')),
    '### ListedSession',
    docOf(interfaceOf(ADMINISTRATION, 'ListedSession')).text,
    membersTable(interfaceOf(ADMINISTRATION, 'ListedSession')),
    '## SessionManager',
    docOf(interfaceOf(TYPES, 'SessionManager')).text,
    membersTable(interfaceOf(TYPES, 'SessionManager')),
    '### SessionFlash',
    signaturesList(interfaceOf(TYPES, 'SessionFlash')),
    '### SessionUpdate',
    docOf(declaration(TYPES, 'SessionUpdate')).text,
    '### RegenerateOptions',
    membersTable(interfaceOf(TYPES, 'RegenerateOptions')),
    '### Session',
    docOf(interfaceOf(TYPES, 'Session')).text,
    membersTable(interfaceOf(TYPES, 'Session')),
    '## Types to augment',
    'In `declare module \'#session\' { … }`.',
    ...['SessionData', 'NamedSessions'].map(name => `- \`${name}\`: ${docOf(interfaceOf(TYPES, name)).text}`),
    '## Hooks',
    'On `nitroApp.hooks`, each called with `(session, event, info)` and awaited before the commit; a throw aborts the write.',
    hooksTable(),
    ...['SessionHookInfo', 'SessionLoadInfo', 'SessionRegenerateInfo', 'SessionWriteInfo', 'SessionRejectInfo'].flatMap(infoSection),
    '## Errors',
    docOf(declaration(ERRORS, 'SessionError')).text,
    errorsTable(),
    '### HTTP errors',
    'Responses to requests that are not allowed. Their body has the code as `data.code`, and they are not logged.',
    httpErrorsTable(),
    '### SealRejectedError',
    docOf(declaration(ERRORS, 'SealRejectedError')).text,
    '### RejectReason',
    docOf(declaration(ERRORS, 'RejectReason')).text,
    '## In the app',
    ...functionsOf(CLIENT).map(renderFunction),
    '### ClientSession',
    membersTable(interfaceOf(CLIENT, 'ClientSession')),
    '### The route middleware "session"',
    '`definePageMeta({ middleware: \'session\', session: { … } })`. The members of `session`:',
    membersTable(interfaceOf(PAGE_SESSION, 'SessionRequirement')),
  ].join('\n\n').replaceAll(/(\n- .*)\n(?=\n- )/g, '$1') + '\n'
}

const sources = new Map<string, ts.SourceFile>()

function source(file: string): ts.SourceFile {
  const known = sources.get(file)
  if (known) return known
  const read = ts.createSourceFile(file, ts.sys.readFile(ROOT + file) ?? '', ts.ScriptTarget.Latest, true)
  sources.set(file, read)
  return read
}

function declaration(file: string, name: string): ts.Statement {
  const found = source(file).statements.find(statement =>
    (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name?.text === name)
  if (!found) throw new Error(`${file} declares no ${name}.`)
  return found
}

function interfaceOf(file: string, name: string): ts.InterfaceDeclaration {
  return declaration(file, name) as ts.InterfaceDeclaration
}

function constant(file: string, name: string): ts.Expression {
  for (const statement of source(file).statements) {
    if (!ts.isVariableStatement(statement)) continue
    const found = statement.declarationList.declarations.find(declaration => declaration.name.getText() === name)
    if (found?.initializer) return found.initializer
  }
  throw new Error(`${file} has no constant ${name}.`)
}

type Literal = string | number | boolean | Literal[] | { [key: string]: Literal }

/** The value of a constant: literals, and spreads and properties of constants that were read before. */
function literalOf(node: ts.Expression, what: string, known: Record<string, Literal> = {}): Literal {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return literalOf(node.expression, what, known)
  if (ts.isStringLiteral(node)) return node.text
  if (ts.isNumericLiteral(node)) return Number(node.text)
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) return node.kind === ts.SyntaxKind.TrueKeyword
  if (ts.isPropertyAccessExpression(node)) return at(literalOf(node.expression, what, known), [node.name.text])
  if (ts.isIdentifier(node)) return known[node.text] ?? ''
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(element => literalOf(ts.isSpreadElement(element) ? element.expression : element, what, known)).flat()
  if (!ts.isObjectLiteralExpression(node)) throw new Error(`${what} has a ${ts.SyntaxKind[node.kind]}.`)
  const value: Record<string, Literal> = {}
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) Object.assign(value, literalOf(property.expression, what, known))
    else if (ts.isPropertyAssignment(property)) value[property.name.getText()] = literalOf(property.initializer, what, known)
  }
  return value
}

function at(value: Literal, path: string[]): Literal {
  return path.reduce<Literal>((value, key) => (typeof value === 'object' && !Array.isArray(value) ? value[key] ?? {} : {}), value)
}

function docOf(node: ts.Node, from = node.getFullStart()): Doc {
  const file = node.getSourceFile().text
  const ranges = ts.getLeadingCommentRanges(file, from) ?? []
  const comment = ranges.map(({ pos, end }) => file.slice(pos, end)).findLast(text => text.startsWith('/**')) ?? ''
  const lines = comment.slice(3, -2).split('\n').map(line => line.replace(/^\s*\*? ?/, '').trim())
  const [text = '', ...parts] = lines.join(' ').replaceAll(/\{@link (\w+)\}/g, '`$1`').split(/\s*(?:^|\s)@(?=(?:default|throws|returns|param)\b)/)
  const tags = Object.fromEntries(parts.map((part) => {
    const [name = '', ...words] = part.trim().split(' ')
    return [name, words.join(' ')]
  }))
  return { text: text.replaceAll(/ {2,}/g, ' ').trim(), tags }
}

function optionsTable(declared: ts.InterfaceDeclaration, defaults: Literal, settable: Literal, path: string[]): string {
  const rows = membersOf(declared)
    .filter(member => !['sharedWith', 'ownName'].includes(nameOf(member)))
    .map((member) => {
      const name = nameOf(member)
      const { text, tags } = docOf(member)
      return [`\`${name}\``, meaning(text, tags), defaultOf(name, at(defaults, []), tags.default), typeOf(member), variableOf(settable, [...path, name])]
    })
  return table(['option', 'meaning', 'default', 'type', 'variable'], rows)
}

/** The default in the code. If the JSDoc has one too, it must be the same. */
function defaultOf(name: string, defaults: Literal, said: string | undefined): string {
  const value = typeof defaults === 'object' && !Array.isArray(defaults) ? defaults[name] : undefined
  if (value === undefined || (typeof value === 'object' && !Array.isArray(value))) return said === undefined ? '' : asCode(said)
  const written = JSON.stringify(value).replaceAll('"', '\'')
  if (said !== undefined && said !== written) throw new Error(`The default of ${name} is ${written}, but its JSDoc has ${said}.`)
  return `\`${written}\``
}

function asCode(text: string): string {
  if (text.startsWith('`')) return `\`${text}\``.replace(/^`(`.*`)`$/, '`` $1 ``')
  return /^(?:'[^']*'|\d+|true|false|\[.*\])$/.test(text) ? `\`${text}\`` : text
}

// Environment variables cannot contain objects, functions or dates.
const NOT_FROM_ENVIRONMENT = ['named', 'generateId', 'crypto', 'expires', 'encode']

function variableOf(settable: Literal, path: string[]): string {
  const name = path.at(-1)!
  if (NOT_FROM_ENVIRONMENT.includes(name)) return ''
  const value = typeof settable === 'object' && !Array.isArray(settable) ? settable[name] : undefined
  if (value === undefined || (typeof value === 'object' && !Array.isArray(value))) return ''
  const parts = path.map(part => part.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase())
  return `\`NUXT_SESSION_${parts.join('_')}\``
}

function membersTable(declared: ts.InterfaceDeclaration): string {
  const rows = membersOf(declared).map((member) => {
    const { text, tags } = docOf(member)
    const end = tags.default === undefined ? '' : ` Default: ${asCode(tags.default)}.`
    return [`\`${nameOf(member)}${ts.isPropertySignature(member) && member.questionToken ? '?' : ''}\``, typeOf(member), meaning(text, tags) + end]
  })
  return table(['member', 'type', 'meaning'], rows)
}

function signaturesList(declared: ts.InterfaceDeclaration): string {
  const { text } = docOf(declared)
  return `${text}\n\n${declared.members.map(member => `- \`flash${oneLine(member.getText())}\``).join('\n')}`
}

function membersOf(declared: ts.InterfaceDeclaration): ts.PropertySignature[] {
  return declared.members.filter(ts.isPropertySignature)
}

function nameOf(member: ts.PropertySignature): string {
  return ts.isStringLiteral(member.name) ? member.name.text : member.name.getText()
}

function typeOf(member: ts.PropertySignature): string {
  return `\`${oneLine(member.type?.getText() ?? 'unknown')}\``
}

function meaning(text: string, { throws }: Record<string, string>): string {
  return throws === undefined ? text : `${text} Throws ${throws}.`.replace(/\.\.$/, '.')
}

/** The exported functions of a file, each with its signatures: its overloads, or else its own. */
function functionsOf(file: string): ts.FunctionDeclaration[][] {
  const exported = source(file).statements.filter(ts.isFunctionDeclaration).filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
  const byName = Object.values(Object.groupBy(exported, ({ name }) => name!.text)) as ts.FunctionDeclaration[][]
  return byName.map(declarations => declarations.length === 1 ? declarations : declarations.filter(({ body }) => body === undefined))
}

function renderFunction(declarations: ts.FunctionDeclaration[]): string {
  const [{ name }] = declarations as [ts.FunctionDeclaration]
  const { text, tags } = docOf(declarations[0]!)
  const facts = [tags.returns && `Returns ${tags.returns}.`, tags.throws && `Throws ${tags.throws}.`].filter(Boolean)
  return [`### ${name!.text}`, `\`\`\`ts\n${declarations.map(signatureOf).join('\n')}\n\`\`\``, text, ...facts].join('\n\n')
}

function signatureOf(node: ts.FunctionDeclaration): string {
  const generics = node.typeParameters ? `<${node.typeParameters.map(parameter => parameter.getText()).join(', ')}>` : ''
  const parameters = node.parameters.map(parameter => oneLine(parameter.getText())).join(', ')
  return `${node.name!.text}${generics}(${parameters}): ${oneLine(node.type?.getText() ?? 'void')}`
}

function hooksTable(): string {
  const rows = membersOf(interfaceOf(TYPES, 'SessionHookInfos')).map(member => [`\`${nameOf(member)}\``, typeOf(member), docOf(member).text])
  return table(['hook', 'info', 'when'], rows)
}

function infoSection(name: string): string[] {
  const declared = interfaceOf(TYPES, name)
  const base = declared.heritageClauses?.flatMap(clause => clause.types.map(type => type.getText())) ?? []
  const and = base.length > 0 ? `With what \`${base.join(', ')}\` has.` : docOf(declared).text
  return [`### ${name}`, and, membersTable(declared)]
}

function errorsTable(): string {
  const status = literalOf(constant(ERRORS, 'STATUS'), 'STATUS') as Record<string, number>
  return table(['code', 'status', 'when'], codesOf(ERRORS, 'SessionErrorCode').map(({ code, text }) => [`\`${code}\``, String(status[code] ?? 500), text]))
}

/** The JSDoc of each code begins with its status. */
function httpErrorsTable(): string {
  return table(['code', 'status', 'when'], codesOf(HOST, 'HttpErrorCode').map(({ code, text }) => {
    const [status = '', when = ''] = text.split(/: (.*)/)
    return [`\`${code}\``, status, when]
  }))
}

/** The codes in a union of them, each with its JSDoc. */
function codesOf(file: string, name: string): { code: string, text: string }[] {
  const { type: union } = declaration(file, name) as ts.TypeAliasDeclaration
  return (union as ts.UnionTypeNode).types.map((type, index, types) => {
    // The comment is before the "|".
    const from = types[index - 1]?.end ?? union.getFullStart()
    return { code: ((type as ts.LiteralTypeNode).literal as ts.StringLiteral).text, text: docOf(type, from).text }
  })
}

function table(head: string[], rows: string[][]): string {
  const used = head.map((_, column) => rows.some(row => row[column] !== ''))
  const line = (cells: string[]) => `| ${cells.filter((_, column) => used[column]).map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(ROOT + OUTPUT, renderReference())
