import { splitIntoChunks } from '../../core/cookie/cookies'
import { configuredNameOf, resolveConfig } from '../../core/config/resolve'
import { sealReference, sealSession } from '../../core/seal/seal'
import { useEnvironment } from '../environment'
import { isPlainDevelopment, resolvedConfig } from '../open'
import type { AppFacts, CommandOf, InspectedToken, NamedOptions, ObservedMessage, WorkerCommand } from './messages'
import { describeOptions } from './options'
import { act, create, openOwn } from './own-session'
import { editStored, expireStored, ownSessions, readStored, readStores, revokeStored, storeOf } from './stores'
import { inspectToken } from './token-verdict'

/** Runs a command of the panel with the same functions that a route uses. */
export async function runCommand(command: WorkerCommand, report: (message: ObservedMessage) => void): Promise<unknown> {
  switch (command.op) {
    case 'app': return describeApp(command.cookie)
    case 'options': return describeAllOptions()
    case 'own': return openOwn(command)
    case 'act': return act(command, report)
    case 'create': return create(command)
    case 'reveal': return reveal(command)
    case 'unseal': return unseal(command)
    case 'stored': return readStores(command, storedNames())
    case 'read': return readStored(await storeOf(command.place), command.place)
    case 'revoke': return report(await revokeStored(await storeOf(command.place), command.place))
    case 'expire': return report(await expireStored(await storeOf(command.place), command.place))
    case 'edit': return report(await editStored(await storeOf(command.place), command.place, command.data))
  }
}

async function describeApp(cookie: string): Promise<AppFacts> {
  const facts = storedNames()
  return { ...facts, own: await ownSessions(cookie, facts.names) }
}

/** The names of the app's sessions, and where they are stored. */
function storedNames(): Omit<AppFacts, 'own'> {
  const runtime = useEnvironment().host.sessionConfig()
  const isPlain = isPlainDevelopment(undefined)
  const optionsOf = (name?: string) => resolveConfig({ name }, runtime, { needsPassword: false, isPlainDevelopment: isPlain })
  const { name, cookie } = optionsOf()
  // With nuxt-auth-utils, `optionsOf()` has this module's name, and the configured name is that of the shared session.
  const names = [...new Set([name, ...Object.keys(runtime?.named ?? {}), configuredNameOf(runtime, isPlain)])]
  const storages = names.flatMap((name) => {
    const { storage } = optionsOf(name)
    return storage === undefined ? [] : [[name, storage]]
  })
  return { names, maxBytes: cookie === false ? 0 : cookie.maxBytes, storages: Object.fromEntries(storages) }
}

function describeAllOptions(): NamedOptions[] {
  const { host, configs, hash } = useEnvironment()
  const runtime = host.sessionConfig()
  const isPlain = isPlainDevelopment(undefined)
  const { names } = storedNames()
  const prefixes = [...new Set([host.passwordVariable.replace(/SESSION_PASSWORD$/, ''), 'NITRO_'])]
  return names.map((name) => {
    const calls = configs.used.filter(call => (call.name ?? names[0]) === name)
    return describeOptions({ hash }, name, { runtime, isPlainDevelopment: isPlain, calls, variables: process.env, prefixes })
  })
}

async function reveal({ name, isStored, session }: CommandOf<'reveal'>) {
  const config = resolvedConfig(undefined, { name })
  const now = useEnvironment().now()
  const token = await (isStored ? sealReference(session, config, now) : sealSession(session, config, now))
  const cookie = config.cookie || undefined
  const cookies = cookie && splitIntoChunks(config.name, token, cookie.chunkMaxLength)
  return {
    token,
    header: config.sessionHeader,
    cookies: Array.from(cookies ?? [], ([key, value]) => ({ name: key, value })),
    cookie: {
      path: cookie?.path, domain: cookie?.domain, httpOnly: cookie?.httpOnly ?? true,
      secure: cookie?.secure === true, sameSite: cookie?.sameSite, partitioned: cookie?.partitioned ?? false,
    },
  }
}

/** If the pasted text contains no name, the name in the seal decides. */
async function unseal({ token, name }: CommandOf<'unseal'>): Promise<InspectedToken> {
  const names = name === undefined ? storedNames().names : [name]
  return inspectToken(useEnvironment(), token, names.map(each => resolvedConfig(undefined, { name: each })))
}
