import { Browser } from '../../e2e/support/browser'
import type { Answer } from '../../e2e/support/browser'

type App = ConstructorParameters<typeof Browser>[0]

/** A visitor who stays the same while the app behind the address is replaced. */
export class Visitor extends Browser {
  post(path: string, body: object = {}, method = 'POST'): Promise<Answer> {
    return this.request(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  }

  get(path: string): Promise<Answer> {
    return this.request(path)
  }

  meets(app: App): this {
    this.server = app
    return this
  }
}

/** A visitor who logged in as Ada. */
export async function loggedIn(app: App): Promise<Visitor> {
  const visitor = new Visitor(app)
  const { status, text } = await visitor.post('/api/login', { name: 'Ada' })
  if (status !== 200) throw new Error(`The login failed with ${status}: ${text}`)
  return visitor
}
