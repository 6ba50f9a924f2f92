import type { ActRequest, CreateRequest, CreateResponse, EditRequest, RevealRequest, RevealResponse, RevokeRequest, StateResponse, UnsealRequest, UnsealResponse } from '../../../src/devtools/protocol'

/** All that the panel asks of the development server. */
export interface PanelApi {
  /** The app's address, for commands to copy. */
  appUrl: () => Promise<string>
  state: () => Promise<StateResponse>
  edit: (request: EditRequest) => Promise<void>
  restore: (request: EditRequest) => Promise<void>
  regenerate: (request: ActRequest) => Promise<void>
  expire: (request: ActRequest) => Promise<void>
  clear: (request: ActRequest) => Promise<void>
  revoke: (request: RevokeRequest) => Promise<void>
  create: (request: CreateRequest) => Promise<CreateResponse>
  /** Opens a link of `create` in this browser, which then has the session. */
  open: (link: string) => Promise<void>
  reveal: (request: RevealRequest) => Promise<RevealResponse>
  unseal: (request: UnsealRequest) => Promise<UnsealResponse>
}
