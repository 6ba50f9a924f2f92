import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SessionDataShape, SessionManager } from '../../src/runtime/core/model/types'
import { TestApp } from './support/app'

const MAX_AGE = 1000
const IDLE = 300

type Operation =
  | { do: 'update' | 'replace', data: SessionDataShape }
  | { do: 'regenerate', userId?: string, keepData?: boolean, data: SessionDataShape }
  | { do: 'flash', key: string, value: number }
  | { do: 'take', key: string }
  | { do: 'clear' }

interface Model {
  id: string | undefined
  data: SessionDataShape
  flash: SessionDataShape
  userId: string | undefined
  createdAt: number
  lastSeenAt: number
  isCleared: boolean
  isSent: boolean
}

const key = fc.constantFrom('a', 'b', 'c')
const patch = fc.dictionary(key, fc.option(fc.nat(9), { nil: undefined }), { maxKeys: 3, noNullPrototype: true })
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ do: fc.constantFrom('update' as const, 'replace' as const), data: patch }),
  fc.record({
    do: fc.constant('regenerate' as const),
    userId: fc.constantFrom(undefined, 'ada', 'bob'),
    keepData: fc.constantFrom(undefined, undefined, true, false),
    data: patch,
  }),
  fc.record({ do: fc.constant('flash' as const), key, value: fc.nat(9) }),
  fc.record({ do: fc.constant('take' as const), key }),
  fc.constant({ do: 'clear' as const }),
)
const requests = fc.array(fc.record({ wait: fc.nat(350), operations: fc.array(operation, { maxLength: 4 }) }), { minLength: 1, maxLength: 8 })

function fresh(now: number): Model {
  return { id: undefined, data: {}, flash: {}, userId: undefined, createdAt: now, lastSeenAt: now, isCleared: false, isSent: false }
}

function merge(data: SessionDataShape, change: SessionDataShape): SessionDataShape {
  return Object.fromEntries(Object.entries({ ...data, ...change }).filter(([, value]) => value !== undefined))
}

/** The session that a request finds, and whether opening it writes. */
function openModel(stored: Model | undefined, now: number, saveUninitialized: boolean): [model: Model, isWritten: boolean] {
  const isOver = !stored || now >= stored.createdAt + MAX_AGE * 1000 || now >= stored.lastSeenAt + IDLE * 1000
  if (isOver) return [{ ...fresh(now), isSent: saveUninitialized }, saveUninitialized]
  const isRenewed = now - stored.lastSeenAt >= IDLE * 500
  return [{ ...stored, lastSeenAt: isRenewed ? now : stored.lastSeenAt }, isRenewed]
}

/** Applies an operation to the model. Returns whether it writes. */
function apply(model: Model, step: Operation, now: number): boolean {
  if (step.do === 'clear') {
    Object.assign(model, fresh(now), { isCleared: true })
    return true
  }
  if (step.do === 'take' && model.flash[step.key] === undefined) return false
  if (model.isCleared) Object.assign(model, fresh(now))
  Object.assign(model, { isSent: true, lastSeenAt: now })
  if (step.do === 'update') model.data = merge(model.data, step.data)
  if (step.do === 'replace') model.data = merge({}, step.data)
  if (step.do === 'flash') model.flash = { ...model.flash, [step.key]: step.value }
  if (step.do === 'take') model.flash = merge(model.flash, { [step.key]: undefined })
  if (step.do === 'regenerate') {
    const isOther = step.userId !== undefined && model.userId !== undefined && model.userId !== step.userId
    if (!(step.keepData ?? !isOther)) Object.assign(model, { data: {}, flash: {} })
    if (step.userId !== undefined) Object.assign(model, { userId: step.userId, createdAt: now })
    Object.assign(model, { id: undefined, data: merge(model.data, step.data) })
  }
  return true
}

async function perform(session: SessionManager<SessionDataShape>, step: Operation, model: Model): Promise<void> {
  switch (step.do) {
    case 'update': await session.update(step.data); return
    case 'replace': await session.replace(step.data); return
    case 'regenerate': await session.regenerate({ userId: step.userId, keepData: step.keepData, data: step.data }); return
    case 'flash': await session.flash(step.key, step.value); return
    case 'take': expect(await session.flash(step.key)).toBe(model.flash[step.key]); return
    case 'clear': await session.clear()
  }
}

/** Expects that the session equals the model. An id that is new to the model must be unique. */
function compare(session: SessionManager<SessionDataShape>, model: Model, seen: Set<string>): void {
  expect(session.data).toEqual(model.data)
  expect(session.userId).toBe(model.userId)
  if (model.isCleared) {
    expect([session.id, session.expiresAt]).toEqual([undefined, undefined])
    return
  }
  expect(session.createdAt).toBe(model.createdAt)
  expect(session.expiresAt).toBe(Math.min(model.createdAt + MAX_AGE * 1000, model.lastSeenAt + IDLE * 1000))
  if (model.id === undefined) expect(seen).not.toContain(session.id)
  else expect(session.id).toBe(model.id)
  model.id = session.id
  seen.add(session.id!)
}

it.each([true, false])('a session behaves as a plain model of it, with saveUninitialized %s', async (saveUninitialized) => {
  await fc.assert(fc.asyncProperty(requests, async (steps) => {
    const app = new TestApp({ maxAge: MAX_AGE, idleTimeout: IDLE, saveUninitialized })
    const browser = app.browser()
    const seen = new Set<string>()
    let stored: Model | undefined
    for (const { wait, operations } of steps) {
      app.pass(wait)
      const now = app.env.time
      const [model, isOpenedByWriting] = openModel(stored, now, saveUninitialized)
      let isWritten = isOpenedByWriting
      const { transport } = await browser.visit(async ({ use }) => {
        const session = await use()
        compare(session, model, seen)
        for (const step of operations) {
          await perform(session, step, model)
          isWritten = apply(model, step, now) || isWritten
          compare(session, model, seen)
        }
        compare(await use(), model, seen)
      })
      expect(transport.setCookies()).toHaveLength(isWritten ? 1 : 0)
      stored = model.isCleared || !model.isSent ? undefined : model
    }
  }), { numRuns: 80 })
}, 60_000)
