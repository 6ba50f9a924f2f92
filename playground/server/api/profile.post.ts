export default defineEventHandler(async (event) => {
  const { name } = await readBody<{ name?: string }>(event)
  const session = await useSession(event)
  // Only `public` may reach the browser.
  await session.update({ public: { name: tidy(name) } })
  return { saved: true }
})

function tidy(name: unknown): string | undefined {
  return String(name ?? '').trim().slice(0, 40) || undefined
}
