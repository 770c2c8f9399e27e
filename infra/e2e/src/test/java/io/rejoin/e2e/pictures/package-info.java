/**
 * Draws dashboards as pictures, close enough to Grafana's to judge them. Value classes decide where everything is drawn
 * and how it is written; {@link io.rejoin.e2e.pictures.Picture} and {@code Plot} draw it.
 */
@NullMarked
package io.rejoin.e2e.pictures;

import org.jspecify.annotations.NullMarked;
