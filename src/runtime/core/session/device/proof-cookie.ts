import { proofCookieOf } from '../../device/proof-cookie-name'
import type { Transport } from '../transport'

/** Whether the browser has a cookie with a proof, or gets one with this response. */
export function hasProofCookie(transport: Pick<Transport, 'requestCookies' | 'setCookies'>, name: string): boolean {
  const cookie = proofCookieOf(name)
  return transport.requestCookies()[cookie] !== undefined || transport.setCookies().some(line => line.startsWith(`${cookie}=`))
}
