const BROWSERS = [['Edge', /\bEdg\//], ['Firefox', /\bFirefox\//], ['Chrome', /\b(?:Headless)?Chrome\//], ['Safari', /\bSafari\//]] as const
const SYSTEMS = [['iPhone', /\biPhone\b/], ['iPad', /\biPad\b/], ['Android', /\bAndroid\b/], ['Windows', /\bWindows\b/], ['macOS', /\bMac OS X\b/], ['Linux', /\bLinux\b/]] as const

/** Returns a readable name for the device of a user agent. */
export function deviceName(userAgent = ''): string {
  const [browser, system] = [BROWSERS, SYSTEMS].map(names => names.find(([, pattern]) => pattern.test(userAgent))?.[0])
  return [browser, system].filter(Boolean).join(' on ') || 'An unknown device'
}
