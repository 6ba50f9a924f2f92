export default defineEventHandler(async (event) => {
  const session = await useSession(event, { name: 'rotation' })
  await session.update(data => ({ writes: (data.writes ?? 0) + 1 }))
  return session.data
})
