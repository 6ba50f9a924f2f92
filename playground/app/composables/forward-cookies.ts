import { appendResponseHeader, setResponseHeader } from 'h3'

/**
 * While a page is rendered, `useFetch` gives the browser's cookies to the route, and keeps the cookies of the
 * route's answer to itself. This hands them to the browser, as `onResponse` of `useFetch`.
 */
export function useForwardCookies() {
  const event = useRequestEvent()
  return ({ response }: { response: Response }) => {
    if (!event) return
    for (const cookie of response.headers.getSetCookie()) appendResponseHeader(event, 'set-cookie', cookie)
    setResponseHeader(event, 'cache-control', 'private, no-store')
  }
}
