// TEST-ONLY. A real password is random and comes from the environment, never from a file in the repository.
export const OLD_PASSWORD = 'test-only-old-password-never-use-it-anywhere'
export const NEW_PASSWORD = 'test-only-new-password-never-use-it-anywhere'
