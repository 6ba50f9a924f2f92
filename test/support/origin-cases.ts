/** A request with these headers, and the status that the guard of `crossOrigin: 'refuse'` lets it have. */
export type OriginCase = [headers: Record<string, string>, status: 200 | 403]

/** The tests of Go's `CrossOriginProtection`, to the host example.com. */
export const GO_CASES: [name: string, method: string, site: string, origin: string, status: 200 | 403][] = [
  ['same-origin allowed', 'POST', 'same-origin', '', 200],
  ['none allowed', 'POST', 'none', '', 200],
  ['cross-site blocked', 'POST', 'cross-site', '', 403],
  ['same-site blocked', 'POST', 'same-site', '', 403],
  ['no header with no origin', 'POST', '', '', 200],
  ['no header with matching origin', 'POST', '', 'https://example.com', 200],
  ['no header with mismatched origin', 'POST', '', 'https://attacker.example', 403],
  ['no header with null origin', 'POST', '', 'null', 403],
  ['GET allowed', 'GET', 'cross-site', '', 200],
  ['HEAD allowed', 'HEAD', 'cross-site', '', 200],
  ['OPTIONS allowed', 'OPTIONS', 'cross-site', '', 200],
  ['PUT blocked', 'PUT', 'cross-site', '', 403],
  ['PATCH blocked', 'PATCH', 'cross-site', '', 403],
  ['DELETE blocked', 'DELETE', 'cross-site', '', 403],
  ['an unknown method blocked', 'PURGE', 'cross-site', '', 403],
]

export const TRUSTED_ORIGINS = ['https://trusted.example', 'http://localhost:8080', 'capacitor://localhost']

/** With `TRUSTED_ORIGINS`, to the host example.com. */
export const TRUSTED_CASES: OriginCase[] = [
  [{ origin: 'https://trusted.example' }, 200],
  [{ 'origin': 'https://trusted.example', 'sec-fetch-site': 'cross-site' }, 200],
  [{ 'origin': 'https://trusted.example', 'sec-fetch-site': 'same-site' }, 200],
  [{ origin: 'https://attacker.example' }, 403],
  [{ 'origin': 'https://attacker.example', 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  // The scheme and the port count.
  [{ origin: 'http://trusted.example' }, 403],
  [{ origin: 'https://trusted.example:8443' }, 403],
  [{ origin: 'http://localhost:8080' }, 200],
  [{ origin: 'http://localhost' }, 403],
  [{ origin: 'https://sub.trusted.example' }, 403],
  [{ origin: 'https://trusted.example.attacker.example' }, 403],
  [{ origin: 'https://trusted.example/path' }, 403],
  [{ origin: 'https://trusted.example@attacker.example' }, 403],
  [{ origin: 'HTTPS://Trusted.Example' }, 200],
  [{ origin: 'https://trusted.example:443' }, 200],
  [{ origin: 'capacitor://localhost' }, 200],
  [{ origin: 'ionic://localhost' }, 403],
]

/** Without `Sec-Fetch-Site`, to any host. */
export const HOST_CASES: OriginCase[] = [
  // Ports
  [{ host: 'example.com', origin: 'http://example.com' }, 200],
  [{ host: 'example.com:80', origin: 'http://example.com' }, 200],
  [{ host: 'example.com:443', origin: 'https://example.com' }, 200],
  [{ host: 'example.com:443', origin: 'http://example.com' }, 403],
  [{ host: 'example.com', origin: 'https://example.com:443' }, 200],
  [{ host: 'example.com', origin: 'https://example.com:8443' }, 403],
  [{ host: 'example.com:8443', origin: 'https://example.com:8443' }, 200],
  [{ host: 'example.com:8443', origin: 'https://example.com' }, 403],
  [{ host: 'localhost:3000', origin: 'http://localhost:3001' }, 403],
  // IPv6 and IPv4
  [{ host: '[::1]:3000', origin: 'http://[::1]:3000' }, 200],
  [{ host: '[::1]', origin: 'http://[::1]' }, 200],
  [{ host: '[::1]:80', origin: 'http://[0:0:0:0:0:0:0:1]' }, 200],
  [{ host: '[::1]:3000', origin: 'http://[::2]:3000' }, 403],
  [{ host: '127.0.0.1:3000', origin: 'http://localhost:3000' }, 403],
  // Upper case
  [{ host: 'EXAMPLE.com', origin: 'https://example.com' }, 200],
  [{ host: 'example.com', origin: 'HTTPS://EXAMPLE.COM' }, 200],
  // Behind a proxy
  [{ 'host': 'inner:3000', 'x-forwarded-host': 'example.com', 'origin': 'https://example.com' }, 200],
  [{ 'host': 'inner:3000', 'x-forwarded-host': 'example.com, other.example', 'origin': 'https://example.com' }, 200],
  [{ 'host': 'inner:3000', 'x-forwarded-host': 'other.example, example.com', 'origin': 'https://example.com' }, 403],
  [{ 'host': 'inner:3000', 'x-forwarded-host': 'example.com', 'origin': 'https://attacker.example' }, 403],
  [{ host: 'inner:3000', origin: 'https://example.com' }, 403],
  // Other subdomains, and names that look alike
  [{ host: 'app.example.com', origin: 'https://example.com' }, 403],
  [{ host: 'example.com', origin: 'https://app.example.com' }, 403],
  [{ host: 'example.com', origin: 'https://example.com.attacker.example' }, 403],
  [{ host: 'example.com', origin: 'https://example.com@attacker.example' }, 403],
  [{ host: 'example.com', origin: 'https://attacker.example#example.com' }, 403],
  [{ host: 'example.com', origin: 'https://attacker.example/?example.com' }, 403],
  // Origins of no host, as of a sandboxed iframe, a file and a data URL
  [{ host: 'example.com', origin: 'null' }, 403],
  [{ host: 'null', origin: 'null' }, 403],
  [{ host: 'example.com', origin: 'file://' }, 403],
  [{ host: '', origin: 'file://' }, 403],
  [{ host: 'example.com', origin: 'data:text/html,x' }, 403],
  [{ host: 'example.com', origin: 'blob:https://example.com/1' }, 403],
  [{ host: 'example.com', origin: 'chrome-extension://example.com' }, 403],
  [{ host: 'example.com', origin: 'nonsense' }, 403],
  [{ host: 'example.com', origin: '//example.com' }, 403],
  // Missing and empty headers
  [{ origin: 'https://example.com' }, 403],
  [{ host: '', origin: 'https://example.com' }, 403],
  [{ host: 'example.com', origin: '' }, 200],
  [{ 'host': 'example.com', 'sec-fetch-site': '' }, 200],
  [{ 'host': 'example.com', 'sec-fetch-site': '', 'origin': 'https://attacker.example' }, 403],
  [{}, 200],
]
