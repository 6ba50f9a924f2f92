declare module '#session' {
  interface SessionData {
    count?: number
  }
  interface NamedSessions {
    devices: Record<string, never>
    large: { text: string }
    rotation: { note: string, writes: number }
  }
}

export {}
