import type { PanelOperations } from '../../../src/devtools/protocol'

type Remote<Operations extends Record<keyof Operations, (request: never) => unknown>> = {
  [Name in keyof Operations]: (...request: Parameters<Operations[Name]>) => Promise<ReturnType<Operations[Name]>>
}

/** The requests of the panel to the development server. */
export interface PanelApi extends Remote<PanelOperations> {
  /** The app's URL, for "Copy as". */
  appUrl: () => Promise<string>
  /** Opens a link of `create`, which creates the session in this browser. */
  redeem: (link: string) => Promise<void>
}
