export default defineEventHandler(async (event) => {
  const { data } = await useSession(event)
  return { n: data.n }
})
