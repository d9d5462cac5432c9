import { graphql } from '../generated/gql.ts';

export const ViewerDocument = graphql(`
  query Viewer {
    viewer {
      role
      user {
        id
        name
      }
      limits {
        messageLength
      }
      profile {
        goals
        level
        interests
      }
    }
  }
`);

export const UpdateProfileDocument = graphql(`
  mutation UpdateProfile($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      profile {
        goals
        level
        interests
      }
    }
  }
`);
