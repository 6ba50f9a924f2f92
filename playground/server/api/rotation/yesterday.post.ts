export default defineEventHandler(async (event) => {
  // TEST-ONLY: the server of yesterday, with the old password only.
  const yesterday = { name: 'rotation', password: OLD_PASSWORD } as const
  const session = await useSession(event, yesterday)
  await session.replace({ note: 'written yesterday' })
  return session.data
})
