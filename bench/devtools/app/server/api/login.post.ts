export default defineEventHandler(async (event) => {
  const { userId, data } = await readBody(event)
  await regenerateSession(event, undefined, { userId, data })
  return { ok: true }
})
