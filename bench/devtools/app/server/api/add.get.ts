export default defineEventHandler(async (event) => {
  const session = await useSession<{ n?: number }>(event)
  await session.update({ n: (session.data.n ?? 0) + 1 })
  return { n: session.data.n }
})
