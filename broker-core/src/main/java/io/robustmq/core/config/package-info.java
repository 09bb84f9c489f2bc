/**
 * Configuration keys, each declared once; documentation and validation come from the declaration.
 */
@NullMarked
package io.robustmq.core.config;

import org.jspecify.annotations.NullMarked;
