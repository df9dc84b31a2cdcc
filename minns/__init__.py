"""minns ("remembers"): moves patients from many legacy journals into one shared record, and
proves it.
"""

__version__ = "0.1.0"
