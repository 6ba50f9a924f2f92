export default defineEventHandler(async (event) => {
  const { name } = await readBody<{ name?: string }>(event)
  const session = await useSession(event)
  // `public` may reach the browser, and nothing else of the session.
  await session.update({ public: { name: tidy(name) } })
  return { saved: true }
})

function tidy(name: unknown): string | undefined {
  return String(name ?? '').trim().slice(0, 40) || undefined
}
