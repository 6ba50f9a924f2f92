import { splitIntoChunks } from '../../core/cookie/cookies'
import { sealReference } from '../../core/seal/reference'
import { sealSession } from '../../core/seal/seal'
import { useEnvironment } from '../environment'
import { isPlainDevelopment } from '../open'
import type { KnownOptions } from './known-options'
import type { AppFacts, CommandOf, InspectedToken, NamedOptions, ObservedMessage, StoredPlace, WorkerCommand } from './messages'
import { describeOptions } from './options'
import { act, create, openOwn } from './own-session'
import { editStored, expireStored, ownSessions, readStored, readStores, revokeStored, storeOf } from './stores'
import { inspectToken } from './token-verdict'

/** Runs a command of the panel with the same functions that a route uses. */
export async function runCommand(command: WorkerCommand, known: KnownOptions, report: (message: ObservedMessage) => void): Promise<unknown> {
  const store = (place: StoredPlace) => storeOf(known, place)
  switch (command.op) {
    case 'app': return describeApp(known, command.cookie)
    case 'options': return describeAllOptions(known)
    case 'own': return openOwn(known, command)
    case 'act': return act(known, command, report)
    case 'create': return create(known, command)
    case 'reveal': return reveal(known, command)
    case 'unseal': return unseal(known, command)
    case 'stored': return readStores(known, command)
    case 'read': return readStored(await store(command.place), command.place)
    case 'revoke': return report(await revokeStored(await store(command.place), command.place))
    case 'expire': return report(await expireStored(await store(command.place), command.place))
    case 'edit': return report(await editStored(await store(command.place), command.place, command.data))
  }
}

/** Describes the app, and finds the stored sessions of the cookies. */
async function describeApp(known: KnownOptions, cookieHeader: string): Promise<AppFacts> {
  const { names } = known
  const configs = names.map(name => [name, known.configOf(name)] as const)
  const cookies = configs.flatMap(([name, { cookie }]) =>
    cookie === false ? [] : [[name, { maxBytes: cookie.maxBytes, chunkMaxLength: cookie.chunkMaxLength }] as const])
  const storages = configs.flatMap(([name, { storage }]) => storage === undefined ? [] : [[name, storage] as const])
  return { names, cookies: Object.fromEntries(cookies), storages: Object.fromEntries(storages), own: await ownSessions(known, cookieHeader) }
}

function describeAllOptions({ names }: KnownOptions): NamedOptions[] {
  const { host, configs, hash } = useEnvironment()
  const runtime = host.sessionConfig()
  const isPlain = isPlainDevelopment(undefined)
  const prefixes = [...new Set([host.passwordVariable.replace(/SESSION_PASSWORD$/, ''), 'NITRO_'])]
  return names.map((name) => {
    const calls = configs.used.filter(call => (call.name ?? names[0]) === name)
    return describeOptions({ hash }, name, { runtime, isPlainDevelopment: isPlain, calls, variables: process.env, prefixes })
  })
}

async function reveal(known: KnownOptions, { name, isStored, session }: CommandOf<'reveal'>) {
  const { config } = known.of(name)
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
async function unseal(known: KnownOptions, { token, name }: CommandOf<'unseal'>): Promise<InspectedToken> {
  // A cookie of another app may have a name that this app's configuration rejects.
  if (name !== undefined && !known.names.includes(name)) return inspectToken(useEnvironment(), token, [{ ...known.of(known.names[0]!).config, name }])
  const names = name === undefined ? known.names : [name]
  return inspectToken(useEnvironment(), token, names.map(each => known.of(each).config))
}
