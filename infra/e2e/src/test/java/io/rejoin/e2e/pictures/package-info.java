/**
 * Dashboards as pictures, as near to Grafana's as is needed to judge them. Values decide what is drawn where and how it is
 * written; {@link io.rejoin.e2e.pictures.Picture} and {@code Plot} draw it.
 */
@NullMarked
package io.rejoin.e2e.pictures;

import org.jspecify.annotations.NullMarked;
