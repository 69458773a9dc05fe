"""placeholder"""
def send_mail(mail_id: str) -> None:
    raise NotImplementedError
