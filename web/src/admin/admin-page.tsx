export const AdminPage = () => <main>Admin</main>;
