import { CHANNEL_VARIABLE } from './messages'
import type { DevtoolsMessage, WorkerCommand, WorkerReport } from './messages'
import { quietly } from './quietly'
import { ReportQueue } from './report-queue'

/** The connection of this server to the panel, which runs in the process of the development server. */
export interface PanelChannel {
  report: (report: WorkerReport) => void
  /** Runs the panel's commands, and answers with their results. */
  onCommand: (run: (command: WorkerCommand) => Promise<unknown>) => void
  close: () => void
}

/** `undefined` if this server was not started by one with a panel. */
export function openPanelChannel(): PanelChannel | undefined {
  const name = process.env[CHANNEL_VARIABLE]
  if (!name) return undefined
  const channel = new BroadcastChannel(name)
  // An open channel would keep a worker alive that the development server has replaced.
  ;(channel as unknown as { unref?: () => void }).unref?.()
  const send = (message: DevtoolsMessage) => quietly(() => channel.postMessage(message))
  const reports = new ReportQueue(reports => send({ type: 'reports', reports }))
  return {
    report: report => reports.add(report),
    onCommand(run) {
      channel.onmessage = ({ data }: MessageEvent<DevtoolsMessage>) => {
        if (data.type !== 'command') return
        const { id, command } = data
        const answer = (answer: { result?: unknown, error?: string }) => {
          // First, what the command and the requests before it have changed.
          reports.flush()
          send({ type: 'answer', id, ...answer })
        }
        run(command).then(
          result => answer({ result }),
          (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
        )
      }
    },
    close() {
      reports.flush()
      channel.close()
    },
  }
}
