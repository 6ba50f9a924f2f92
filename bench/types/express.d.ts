// The used part of express and express-session, which have no types.
declare module 'express' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface Request extends IncomingMessage {
    query: Record<string, string | undefined>
    session: Record<string, unknown>
  }

  export interface Response extends ServerResponse {
    json: (value: unknown) => void
  }

  export type Handler = (request: Request, response: Response, next: () => void) => void

  export interface App {
    disable: (setting: string) => void
    get: (path: string, ...handlers: Handler[]) => void
    listen: (port: number, host: string) => void
  }

  export default function express(): App
}

declare module 'express-session' {
  import type { Handler } from 'express'

  export interface SessionOptions {
    secret: string
    resave: boolean
    saveUninitialized: boolean
    cookie?: { secure?: boolean }
  }

  export default function session(options: SessionOptions): Handler
}
