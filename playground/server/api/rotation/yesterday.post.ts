export default defineEventHandler(async (event) => {
  // TEST-ONLY: plays yesterday's server, which knew the old password alone.
  const yesterday = { name: 'rotation', password: OLD_PASSWORD } as const
  const session = await useSession(event, yesterday)
  await session.replace({ note: 'written yesterday', writes: 0 })
  return session.data
})
