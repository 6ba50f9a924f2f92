/** No circle of imports in `src/`, those of types included. The order of the rooms is in eslint.config.mjs. */
export default {
  forbidden: [{ name: 'no-circular', severity: 'error', from: {}, to: { circular: true } }],
  options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
}
