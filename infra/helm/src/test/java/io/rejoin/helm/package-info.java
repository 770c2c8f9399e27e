/** Tests of the Helm chart. Helm itself renders the chart, and the tests check the manifests. */
@NullMarked
package io.rejoin.helm;

import org.jspecify.annotations.NullMarked;
