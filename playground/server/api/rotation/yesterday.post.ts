export default defineEventHandler(async (event) => {
  // TEST-ONLY: the server before the rotation, with only the old password.
  const yesterday = { name: 'rotation', password: OLD_PASSWORD } as const
  const session = await useSession(event, yesterday)
  await session.replace({ note: 'written yesterday' })
  return session.data
})
