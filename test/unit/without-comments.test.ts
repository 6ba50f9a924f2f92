import { expect, it } from 'vitest'
import { withoutComments } from '../../scripts/without-comments'

it('removes comments on their own lines', () => {
  const code = 'class A {\n  /** One. */\n  one;\n  /**\n   * Two.\n   */\n  two() {\n    // Three.\n    return { // four\n      // Five.\n      five: 5\n    };\n  }\n}\n'
  expect(withoutComments(code)).toBe('class A {\n  one;\n  two() {\n    return { // four\n      five: 5\n    };\n  }\n}\n')
})

it.each([
  'const sets = [\n  /* @__PURE__ */ new Set(),\n];\n',
  'const text = `\n// no comment\n/** none */\n`;\n',
  'const pattern = /[/*]/;\nconst url = "//example.com/**";\n',
])('keeps %j', (code) => {
  expect(withoutComments(code)).toBe(code)
})
