declare module '#session' {
  interface SessionData {
    count?: number
  }
  interface NamedSessions {
    large: { text: string }
    rotation: { note: string, writes: number }
  }
}

export {}
