import type { NextEvent } from '../h3-v2/event'
import type { NextApp } from '../h3-v2/responses'

type Hook = (...args: never[]) => unknown
type Middleware = (event: NextEvent, next: () => unknown) => unknown

/** The used part of Nitro 3's app. */
export interface Nitro3App {
  h3: NextApp & {
    '~middleware': Middleware[]
    'config': { onError?: (error: Error & { cause?: unknown }, event: never) => unknown }
  }
  hooks: {
    _hooks: Record<string, Hook[] | undefined>
    hook: (name: string, hook: Hook) => void
    callHook: (name: string, ...args: unknown[]) => unknown
  }
}
