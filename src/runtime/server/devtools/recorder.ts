import { defineNitroPlugin } from 'nitropack/runtime'
import type { Session } from '../../core/model/types'
import type { SessionState } from '../../core/session/state'
import type { SessionEvent } from '../../adapters/shared/event'
import type { EventTransport } from '../../adapters/shared/host'
import { useEnvironment } from '../environment'
import { runCommand } from './commands'
import { CHANNEL_VARIABLE } from './messages'
import type { DevtoolsMessage, ObservedMessage, ObservedSession } from './messages'
import { copyOf, describeActivity, describeH3Session } from './observe'

/** Reports what happens to sessions to DevTools, and runs the panel's commands. */
export default defineNitroPlugin((nitroApp) => {
  const name = process.env[CHANNEL_VARIABLE]
  if (!name) return
  const channel = new BroadcastChannel(name)
  // An open channel would keep a worker alive that the development server has replaced.
  ;(channel as unknown as { unref?: () => void }).unref?.()
  nitroApp.hooks.hook('close', () => channel.close())

  const post = (message: DevtoolsMessage) => quietly(() => channel.postMessage(message))
  const env = useEnvironment()
  const previous = new WeakMap<SessionState, ObservedSession>()
  const observed = new WeakSet<SessionEvent>()
  env.observe = (activity) => {
    quietly(() => {
      const { state, transport } = activity.context
      observed.add((transport as EventTransport).answered)
      channel.postMessage(describeActivity(activity, previous.get(state)))
      previous.set(state, copyOf(state.record))
    })
  }
  nitroApp.hooks.hook('request', (event) => {
    event.node.res.once('close', () => quietly(() => {
      h3Sessions(event, env.now()).forEach(post)
      if (observed.has(event)) post({ type: 'sent' })
    }))
  })
  channel.onmessage = ({ data }: MessageEvent<DevtoolsMessage>) => {
    if (data.type !== 'command') return
    const { id, command } = data
    runCommand(command, post).then(
      result => post({ type: 'answer', id, result }),
      (error: unknown) => post({ type: 'answer', id, error: error instanceof Error ? error.message : String(error) }),
    )
  }
})

/** Describes the request's sessions that only h3's own functions have used. */
function h3Sessions(event: SessionEvent, now: number): ObservedMessage[] {
  const transport = useEnvironment().host.transportOf(event)
  return Object.entries(event.context.sessions as Record<string, Session> ?? {})
    .filter(([name, session]) => !transport.states[name] && session?.id)
    .map(([name, session]) => describeH3Session(name, session, transport, now))
}

/** A failure of the recorder must not reach the app. */
function quietly(record: () => void): void {
  try {
    record()
  }
  catch (error) {
    console.debug('[nuxt-h3-session] DevTools could not record a session.', error instanceof Error ? error.name : '')
  }
}
