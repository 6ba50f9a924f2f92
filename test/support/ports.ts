import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/**
 * A free port of 127.0.0.1. Not one of those that the system gives to outgoing connections: one of these could take it
 * before the server does, which may be seconds later. Above 10080, the highest that `fetch` and browsers refuse
 * ("bad port").
 */
export async function freePort(): Promise<number> {
  const port = 10_081 + Math.floor(Math.random() * 20_000)
  const probe = createServer().listen(port, '127.0.0.1')
  const isFree = await once(probe, 'listening').then(() => true, () => false)
  if (!isFree) return freePort()
  probe.close()
  await once(probe, 'close')
  return port
}

export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false)).once('connect', () => socket.destroy())
  })
}
