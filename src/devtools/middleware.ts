import sirv from 'sirv'
import type { Connect } from 'vite'
import type { ApiContext } from './api-context'
import { handleApi } from './api-endpoint'
import type { Access } from './api-endpoint'
import { isNavigation } from './browser-request'
import { forbiddenPage } from './forbidden-page'
import { forbiddenReason } from './gate'
import { redeemLink } from './link'
import { answerJson, answerPage, redirect, secure } from './responses'

/** Serves the panel, its API and its links below its path, only to this machine. */
export function createPanelMiddleware(context: ApiContext, access: Access, panelDir: string): Connect.NextHandleFunction {
  const files = sirv(panelDir, { dev: true, single: true })
  const { base } = context
  return (request, response, next) => {
    const path = (request.url ?? '/').split('?', 1)[0]!
    if (path !== base && !path.startsWith(`${base}/`)) return next()
    secure(response)
    const reason = forbiddenReason(request)
    if (reason !== undefined && isNavigation(request)) return answerPage(response, 403, forbiddenPage(request, context, reason))
    if (reason !== undefined) return answerJson(response, 403, { error: `This request may not see the sessions: ${reason}.` })
    const rest = path.slice(base.length)
    if (rest === '') return redirect(response, `${base}/`)
    if (rest.startsWith('/api/')) return void handleApi(context, access, rest.slice('/api/'.length), request, response)
    if (rest.startsWith('/use/')) return void redeemLink(context, rest.slice('/use/'.length), request, response)
    request.url = rest
    files(request, response, () => answerJson(response, 404, { error: 'Not found.' }))
  }
}
