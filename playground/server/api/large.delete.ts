export default defineEventHandler(async (event) => {
  await clearSession(event, { name: 'large' })
  return sendNoContent(event)
})
