import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'h3' ? 'h3-next' : specifier, context),
})
