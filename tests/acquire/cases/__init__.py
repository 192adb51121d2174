# SPDX-License-Identifier: Apache-2.0
"""The cases of a download that must go right when everything else goes wrong; see run.py."""
