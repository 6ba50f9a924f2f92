export default defineEventHandler(async (event) => {
  const body = await readBody<{ message?: string }>(event)
  const message = String(body?.message ?? '').trim().slice(0, 200)

  const session = await useSession(event)
  await session.flash('notice', message || 'Saved, without a message.')
  return sendRedirect(event, '/flash', 303)
})
