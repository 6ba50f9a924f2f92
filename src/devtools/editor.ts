import { resolve } from 'node:path'

/**
 * Opens a file of the project, such as `server/api/cart.ts:3`, in the editor of the variable `LAUNCH_EDITOR`, else in one
 * that runs, else in that of `VISUAL` or `EDITOR`.
 * @throws if there is none
 */
export async function openInEditor(rootDir: string, source: string): Promise<void> {
  const { default: launch } = await import('launch-editor')
  let isFound = true
  // Called at once only if there is no editor. The terminal shows each failure.
  launch(resolve(rootDir, source), undefined, () => { isFound = false })
  if (!isFound) throw new Error('No editor was found. Set the environment variable LAUNCH_EDITOR to the command of yours, and restart the server.')
}
