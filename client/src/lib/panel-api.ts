import type { ActRequest, CreateRequest, CreateResponse, EditRequest, RevealRequest, RevealResponse, RevokeRequest, StateResponse, UnsealRequest, UnsealResponse } from '../../../src/devtools/protocol'

/** The requests of the panel to the development server. */
export interface PanelApi {
  /** The app's URL, for "Copy as". */
  appUrl: () => Promise<string>
  state: () => Promise<StateResponse>
  edit: (request: EditRequest) => Promise<void>
  restore: (request: EditRequest) => Promise<void>
  regenerate: (request: ActRequest) => Promise<void>
  expire: (request: ActRequest) => Promise<void>
  clear: (request: ActRequest) => Promise<void>
  revoke: (request: RevokeRequest) => Promise<void>
  create: (request: CreateRequest) => Promise<CreateResponse>
  /** Opens a link of `create`, which creates the session in this browser. */
  open: (link: string) => Promise<void>
  reveal: (request: RevealRequest) => Promise<RevealResponse>
  unseal: (request: UnsealRequest) => Promise<UnsealResponse>
}
