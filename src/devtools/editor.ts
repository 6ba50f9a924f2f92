import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** How long an editor can take to fail. Without a terminal, vim waits two seconds before it ends. */
const PATIENCE_MS = 3000

/**
 * Opens a file of the project, such as `server/api/cart.ts:3`, in the editor of the variable `LAUNCH_EDITOR`, else in one
 * that runs, else in that of `VISUAL` or `EDITOR`.
 * @throws if there is none, if it fails, or if the file does not exist any more
 */
export async function openInEditor(rootDir: string, source: string): Promise<void> {
  // launch-editor says nothing of it.
  if (!existsSync(resolve(rootDir, source.replace(/(?::\d+){1,2}$/, '')))) throw new Error(`The file ${source} does not exist any more.`)
  const { default: launch } = await import('launch-editor')
  // Called only after a failure. An editor that runs says nothing.
  const failure = await new Promise<{ message?: string | null } | undefined>((done) => {
    launch(resolve(rootDir, source), undefined, (_, message) => done({ message }))
    setTimeout(done, PATIENCE_MS, undefined)
  })
  if (!failure) return
  const { message } = failure
  throw new Error(message
    ? `The editor did not open the file: ${message} Set the environment variable LAUNCH_EDITOR to the command of another one, and restart the server.`
    : 'No editor was found. Set the environment variable LAUNCH_EDITOR to the command of yours, and restart the server.')
}
