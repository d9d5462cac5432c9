import { graphql } from '../generated/gql.ts';

export const ViewerDocument = graphql(`
  query Viewer {
    viewer {
      role
      user {
        id
        name
      }
    }
  }
`);
