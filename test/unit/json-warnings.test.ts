import { expect, it } from 'vitest'
import { TestApp } from './support/app'

class Point { constructor(readonly x: number) {} }

const DATA = { visits: [{ at: new Date(0) }, { at: new Date(1) }], place: new Point(1), user: { name: undefined }, seen: [undefined, undefined] }

it.each([
  ['a cookie session', {}],
  ['a stored session', { storage: 'sessions' }],
])('development warns once of each place where JSON stores another form: %s', async (_, config) => {
  const app = new TestApp(config)
  app.env.isDevelopment = true
  const browser = app.browser()
  for (let round = 0; round < 2; round++) await browser.visit(async ({ use }) => (await use()).update(DATA))
  expect(app.env.warnings).toEqual([
    'data.visits[].at is of type Date. JSON stores a string, such as "2026-11-28T00:00:00.000Z", and that is what the next request reads.',
    'data.place is of type Point. JSON stores what JSON.stringify makes of it, and that is what the next request reads.',
    'data.user.name is undefined. JSON leaves it out, or stores null in a list, and that is what the next request reads.',
    'data.seen[] is undefined. JSON leaves it out, or stores null in a list, and that is what the next request reads.',
  ])
})

it('production does not warn', async () => {
  const app = new TestApp()
  await app.browser().visit(async ({ use }) => (await use()).update(DATA))
  expect(app.env.warnings).toEqual([])
})
