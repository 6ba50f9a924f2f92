export default defineEventHandler(async (event) => {
  const session = await useSession(event, { name: 'large' })
  // `cookie.maxBytes` counts the cookies of all sessions.
  const cookies = Object.entries(parseCookies(event))
    .filter(([name]) => /^(?:h3|devices|large|rotation)(?:\.\d+)?$/.test(name))
    .map(([name, value]) => ({ name, bytes: `${name}=${value}; `.length }))
  return { bytes: session.data.text?.length ?? 0, cookies }
})
