import { expect, it } from 'vitest'
import { identifierOf } from '../../src/runtime/core/device/instructions'

it('the identifier of a session in the browser contains the host, because browsers keep those of all hosts of a site together', () => {
  expect(identifierOf('h3', 'app.example', undefined)).toBe('h3@app.example')
  expect(identifierOf('h3', 'admin.example:3000', undefined)).toBe('h3@admin.example:3000')
  expect(identifierOf('h3', '[::1]:3000', undefined)).toBe('h3@[::1]:3000')
})

it('it stays in a renewal, even if a proxy sends another host', () => {
  expect(identifierOf('h3', 'internal:80', 'h3@app.example')).toBe('h3@app.example')
  expect(identifierOf('h3', 'app.example', 'h3')).toBe('h3')
})

it('it contains nothing that ends a header\'s string, and is of this session', () => {
  for (const known of ['cart@app.example', 'h3x@app.example', 'h3@a"b', 'h3@a\\b', 'h3@a b', 'h3@é', `h3@${'x'.repeat(600)}`, ''])
    expect(identifierOf('h3', 'app.example', known)).toBe('h3@app.example')
  for (const host of [undefined, 'a"b', 'a\\b', 'é', 'x'.repeat(600)]) expect(['h3', 'h3@']).toContain(identifierOf('h3', host, undefined))
})
