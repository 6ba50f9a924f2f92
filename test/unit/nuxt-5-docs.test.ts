import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

it('docs/nuxt-5.md shows the middleware that the tests run', () => {
  const [, file, code] = /<!-- (\S+)#example -->\n```ts\n(.*?)\n```/s.exec(read('docs/nuxt-5.md'))!
  expect(code).toBe(/^\/\/ #region example\n(.*?)\n\/\/ #endregion$/ms.exec(read(file!))![1])
})
