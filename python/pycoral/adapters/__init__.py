# SPDX-License-Identifier: Apache-2.0
"""What goes into an interpreter and what comes out of it, as pictures, classes, boxes and masks."""
