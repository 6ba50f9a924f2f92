import { applyEnv } from 'nitropack/runtime/internal/utils.env'
import { describe, expect, it } from 'vitest'
import { keepRuntimeConfig, ownSessionConfig } from '../../src/runtime/adapters/nitro-v2/runtime-config'

interface Config { [key: string]: any } // eslint-disable-line @typescript-eslint/no-explicit-any -- as an app's own config
interface Context { nitro: { runtimeConfig?: Config, errors: unknown[] } }

/** Nitro's function, and how often it reads the environment. */
function createApp({ envExpansion = false } = {}) {
  const inline = {
    app: { baseURL: '/' },
    nitro: { envPrefix: 'TEST_APP_', envExpansion },
    session: { password: '', maxAge: '', cookie: { path: '/' } },
    apiURL: 'of the build',
    XMLBody: { v2Beta: 1, list: [{ a: 1 }] },
    public: { title: 'Test' },
  }
  const env = process.env
  let reads = 0
  const create = () => {
    reads++
    return applyEnv(structuredClone(inline), { prefix: 'NITRO_', altPrefix: 'TEST_APP_', envExpansion }) as Config
  }
  const ofProcess = create()
  reads = 0
  const use = (event?: { context: Context }): Config => event ? event.context.nitro.runtimeConfig ??= create() : ofProcess
  const prepare = keepRuntimeConfig(use as never, env)
  return {
    get reads() { return reads },
    request(nitro: Context['nitro'] = { errors: [] }) {
      const event = { context: { nitro } }
      prepare?.(event)
      return event
    },
    use,
  }
}

function withVariables(variables: Record<string, string>, run: () => void): void {
  Object.assign(process.env, variables)
  try {
    run()
  }
  finally {
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name)
  }
}

describe('the runtime config of a request', () => {
  it('is as Nitro returns it, read from the environment once', () => {
    withVariables({ TEST_APP_SESSION_MAX_AGE: '60', NITRO_API_URL: 'of the environment' }, () => {
      const app = createApp()
      const [first, second] = [app.use(app.request()), app.use(app.request())]
      expect(first).toEqual({ ...app.use(), apiURL: 'of the environment', session: { password: '', maxAge: 60, cookie: { path: '/' } } })
      expect(second).toEqual(first)
      expect(app.reads).toBe(1)
    })
  })

  it('is not read at all by requests that do not use it', () => {
    const app = createApp()
    app.request()
    expect(app.reads).toBe(0)
  })

  it('is read again only after a variable has changed', () => {
    const app = createApp()
    const read = () => app.use(app.request())
    expect([read().apiURL, read().XMLBody.v2Beta, app.reads]).toEqual(['of the build', 1, 1])
    withVariables({ TEST_APP_API_URL: 'changed' }, () => expect([read().apiURL, read().apiURL, app.reads]).toEqual(['changed', 'changed', 2]))
    withVariables({ NITRO_XML_BODY_V2_BETA: '2' }, () => expect(read().XMLBody.v2Beta).toBe(2))
    expect([read().apiURL, read().XMLBody.v2Beta]).toEqual(['of the build', 1])
  })

  it('is read each time if its values mention other variables', () => {
    const app = createApp({ envExpansion: true })
    app.use(app.request())
    app.use(app.request())
    expect(app.reads).toBe(2)
  })

  it('is the request\'s own: changes do not reach other requests', () => {
    const app = createApp()
    const request = app.request()
    const config = app.use(request)
    expect(app.use(request)).toBe(config)
    config.session.cookie.path = '/changed'
    config.public.title = 'Changed'
    config.XMLBody.list[0].a = 2
    config.apiURL = 'changed'
    expect(app.use(request)).toMatchObject({ session: { cookie: { path: '/changed' } }, public: { title: 'Changed' }, apiURL: 'changed' })
    expect(app.use(app.request())).toMatchObject({ session: { cookie: { path: '/' } }, public: { title: 'Test' }, apiURL: 'of the build', XMLBody: { list: [{ a: 1 }] } })
  })

  it('can be replaced, as by a preset or a test', () => {
    const app = createApp()
    const given = { session: { maxAge: 5 } }
    expect(app.use(app.request({ errors: [], runtimeConfig: given }))).toBe(given)
    const request = app.request()
    request.context.nitro.runtimeConfig = given
    expect(app.use(request)).toBe(given)
  })

  it('keeps what else Nitro has in the context', () => {
    const errors: unknown[] = []
    expect(createApp().request({ errors }).context.nitro.errors).toBe(errors)
  })
})

describe('the session options of a request', () => {
  it('are its own only if the app has got them', () => {
    const app = createApp()
    const request = app.request()
    expect(ownSessionConfig(request.context.nitro)).toBeUndefined()
    const config = app.use(request)
    expect(ownSessionConfig(request.context.nitro)).toBeUndefined()
    config.session.maxAge = 5
    expect(ownSessionConfig(request.context.nitro)).toEqual({ password: '', maxAge: 5, cookie: { path: '/' } })
    config.session = { maxAge: 6 }
    expect(ownSessionConfig(request.context.nitro)).toEqual({ maxAge: 6 })
    expect(ownSessionConfig(undefined)).toBeUndefined()
  })
})
