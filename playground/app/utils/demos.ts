export const demos = [
  { to: '/visits', short: 'Visits', title: 'Counting visits', call: 'session.update()', text: 'Write to the session, and the cookie is in the response.' },
  { to: '/login', short: 'Login', title: 'Login and logout', call: 'session.regenerate()', text: 'A new id at login, “remember me”, and a part of the page for members.' },
  { to: '/browser', short: 'Browser', title: 'The session in the browser', call: 'useClientSession()', text: 'The part of the session that a page may show: rendered with it, never into a cached one.' },
  { to: '/flash', short: 'Flash', title: 'Flash messages', call: 'session.flash()', text: 'A message that survives one redirect, with a form that needs no JavaScript.' },
  { to: '/large', short: 'Large', title: 'A large session', call: 'cookie.maxBytes', text: 'Split over several cookies, and refused before it locks anyone out.' },
  { to: '/rotation', short: 'Rotation', title: 'A new password', call: 'password: [new, old]', text: 'Change the password, and everyone stays logged in.' },
  { to: '/store', short: 'Store', title: 'Sessions in a store', call: 'listSessions()', text: 'See where you are logged in, and log out one device or all others.' },
] as const
