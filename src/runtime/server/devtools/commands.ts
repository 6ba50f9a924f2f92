import { splitIntoChunks } from '../../core/cookie/cookies'
import { resolveConfig } from '../../core/config/resolve'
import type { ResolvedConfig } from '../../core/config/types'
import { sealReference, sealSession } from '../../core/seal/seal'
import { useEnvironment } from '../environment'
import type { AppFacts, InspectedToken, ObservedMessage, WorkerCommand } from './messages'
import { act, create } from './own-session'
import { edit, expire, readStores, revoke } from './stores'
import { inspectToken } from './token-verdict'

/** Runs a command of the panel with the same functions that a route uses. */
export async function runCommand(command: WorkerCommand, report: (message: ObservedMessage) => void): Promise<unknown> {
  switch (command.op) {
    case 'names': return describeApp()
    case 'act': return act(command, report)
    case 'create': return create(command)
    case 'reveal': return reveal(command)
    case 'unseal': return unseal(command.token, command.name)
    case 'stored': return readStores(command, describeApp())
    case 'revoke': return report(await revoke(command.place))
    case 'expire': return report(await expire(command.place))
    case 'edit': return report(await edit(command.place, command.data))
  }
}

function describeApp(): AppFacts {
  const runtime = useEnvironment().host.sessionConfig()
  const config = resolveConfig(undefined, runtime, { needsPassword: false })
  // Without a name of its own, ours is the app's default; else that one is another module's.
  const names = [...new Set([config.name, ...Object.keys(runtime?.named ?? {}), resolveConfig({ name: runtime?.name }, runtime, { needsPassword: false }).name])]
  const storages = names.map(name => [name, resolveConfig({ name }, runtime, { needsPassword: false }).storage])
  return {
    names,
    maxBytes: config.cookie === false ? 0 : config.cookie.maxBytes,
    storages: Object.fromEntries(storages.filter(([, storage]) => storage !== undefined)),
  }
}

async function reveal({ name, isStored, session }: Extract<WorkerCommand, { op: 'reveal' }>) {
  const config = configOf(name)
  const now = useEnvironment().now()
  const token = await (isStored ? sealReference(session, config, now) : sealSession(session, config, now))
  const cookies = config.cookie === false ? undefined : splitIntoChunks(config.name, token, config.cookie.chunkMaxLength)
  return {
    token,
    header: config.sessionHeader,
    cookies: Array.from(cookies ?? [], ([key, value]) => ({ name: key, value })),
    cookie: {
      httpOnly: true, secure: false, partitioned: false,
      ...config.cookie !== false && {
        path: config.cookie.path, domain: config.cookie.domain, httpOnly: config.cookie.httpOnly ?? true,
        secure: config.cookie.secure === true, sameSite: config.cookie.sameSite, partitioned: config.cookie.partitioned ?? false,
      },
    },
  }
}

/** If the pasted text contains no name, the name in the seal decides. */
async function unseal(token: string, name: string | undefined): Promise<InspectedToken> {
  const names = name === undefined ? describeApp().names : [name]
  return inspectToken(useEnvironment(), token, names.map(configOf))
}

function configOf(name: string): ResolvedConfig {
  return useEnvironment().configs.resolve({ name }, useEnvironment().host.sessionConfig()).config
}
