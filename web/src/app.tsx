export const App = () => <main>EdAgent</main>;
