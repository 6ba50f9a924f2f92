export default defineEventHandler(async (event) => {
  const session = await useSession<{ visits?: number }>(event)
  await session.update({ visits: (session.data.visits ?? 0) + 1 })
  return { visits: session.data.visits }
})
